import { TASK_CLASSES } from '../../lambda/core/routing/task-class.ts';
import type { ClassResult } from './classes.ts';
import type { CurvePoint } from './outcomes.ts';

const STYLE = '<style>text{font:12px system-ui,sans-serif;fill:#57606a}.t{font-size:14px;fill:#24292f}</style>';

function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  const frame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`;
  const ground = `<rect width="${width}" height="${height}" fill="#fff"/>`;
  return `${frame}${STYLE}${ground}<text class="t" x="16" y="24">${title}</text>${parts.join('')}</svg>\n`;
}

const CELL = 46;
const LEFT = 110;
const TOP = 60;

/** The confusion matrix: rows are what a prompt is, columns what it was read as. */
export function confusionPicture(title: string, { confusion }: ClassResult): string {
  const parts = TASK_CLASSES.flatMap((expected, row) => {
    const total = Object.values(confusion[expected]).reduce((sum, count) => sum + count, 0);
    const y = TOP + row * CELL;
    const label = `<text x="${LEFT - 8}" y="${y + CELL / 2 + 4}" text-anchor="end">${expected}</text>`;
    const cells = TASK_CLASSES.map((found, column) => {
      const count = confusion[expected][found];
      const share = count / Math.max(total, 1);
      const x = LEFT + column * CELL;
      const fill = `fill="#0969da" fill-opacity="${(share * 0.85).toFixed(3)}"`;
      const ink = share > 0.5 ? ' style="fill:#fff"' : '';
      const figure =
        count > 0 ? `<text x="${x + CELL / 2}" y="${y + CELL / 2 + 4}" text-anchor="middle"${ink}>${count}</text>` : '';
      return `<rect x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}" ${fill} stroke="#d0d7de"/>${figure}`;
    });
    const x = LEFT + row * CELL + CELL / 2;
    const head = `<text x="${x}" y="${TOP - 8}" text-anchor="middle" style="font-size:9px">${expected.slice(0, 9)}</text>`;
    return [label, head, ...cells];
  });
  return picture(LEFT + 9 * CELL + 16, TOP + 9 * CELL + 16, title, parts);
}

export interface Line {
  name: string;
  points: readonly CurvePoint[];
  isDashed?: boolean;
}

export interface Axes {
  x: string;
  y: string;
  from: number;
  to: number;
}

const WIDTH = 560;
const HEIGHT = 340;
const EDGE = { left: 64, right: 20, top: 44, bottom: 48 };
const INKS = ['#0969da', '#bf3989', '#1a7f37', '#9a6700'];

/** Lines of quality over a share, with the names of the lines. */
export function linesPicture(title: string, { x, y, from, to }: Axes, lines: readonly Line[]): string {
  const atX = (share: number) => EDGE.left + Math.min(1, share) * (WIDTH - EDGE.left - EDGE.right);
  const atY = (value: number) =>
    HEIGHT - EDGE.bottom - ((value - from) / (to - from)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const value = from + share * (to - from);
    return [
      `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${atY(value)}" y2="${atY(value)}" stroke="#eaeef2"/>`,
      `<text x="${EDGE.left - 8}" y="${atY(value) + 4}" text-anchor="end">${value.toFixed(2)}</text>`,
      `<text x="${atX(share)}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${share * 100} %</text>`,
    ];
  });
  const drawn = lines.flatMap(({ name, points, isDashed }, index) => {
    const ink = INKS[index % INKS.length];
    const inside = points.filter(({ quality }) => quality >= from && quality <= to);
    const path = thinned(inside).map((point) => `${atX(point.share).toFixed(1)},${atY(point.quality).toFixed(1)}`);
    const dash = isDashed ? ' stroke-dasharray="4 4"' : '';
    const label = `<text x="${WIDTH - EDGE.right - 4}" y="${HEIGHT - EDGE.bottom - 10 - index * 16}" text-anchor="end" style="fill:${ink}">${name}</text>`;
    return [`<polyline points="${path.join(' ')}" fill="none" stroke="${ink}" stroke-width="2"${dash}/>`, label];
  });
  const names = [
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
  ];
  return picture(WIDTH, HEIGHT, title, [...ticks, ...drawn, ...names]);
}

/** A hundred points of a curve are enough for the eye. */
function thinned(points: readonly CurvePoint[]): CurvePoint[] {
  const step = Math.max(1, Math.floor(points.length / 100));
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}

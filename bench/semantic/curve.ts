/** A line of a picture: its points from left to right, both shares from 0 to 1. */
export interface Curve {
  name: string;
  points: { hits: number; wrong: number }[];
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [420, 300, 54, 46, 34];
const COLOURS = ['#1f6feb', '#9a9a9a', '#2da44e'];

/** One picture: the share of hits to the right, the share of wrong answers upwards, as far as `most`. */
export function curvesPicture(pictures: { title: string; curves: Curve[]; most: number }[]): string {
  const plots = pictures.map(({ title, curves, most }, index) => {
    const x = (hits: number) => LEFT + hits * (WIDTH - LEFT - 20);
    const y = (wrong: number) => HEIGHT - BOTTOM - (Math.min(wrong, most) / most) * (HEIGHT - BOTTOM - TOP);
    const ticks = [0, 0.25, 0.5, 0.75, 1];
    return [
      `<g transform="translate(${(index % 2) * WIDTH} ${Math.floor(index / 2) * HEIGHT})">`,
      `<text x="${LEFT}" y="20" font-weight="bold">${title}</text>`,
      ...ticks.flatMap((share) => [
        `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${y(share * most)}" y2="${y(share * most)}" stroke="#ddd"/>`,
        `<text x="${LEFT - 6}" y="${y(share * most) + 4}" text-anchor="end">${percent(share * most)}</text>`,
        `<text x="${x(share)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${percent(share)}</text>`,
      ]),
      `<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 12}" text-anchor="middle">served rightly, of what could be</text>`,
      ...curves.flatMap(({ name, points }, line) => [
        `<polyline fill="none" stroke="${COLOURS[line]}" stroke-width="2" points="${points
          .filter(({ wrong }) => wrong <= most)
          .map(({ hits, wrong }) => `${x(hits).toFixed(1)},${y(wrong).toFixed(1)}`)
          .join(' ')}"/>`,
        `<text x="${LEFT + 10}" y="${TOP + 14 + 14 * line}" fill="${COLOURS[line]}">${name}</text>`,
      ]),
      '</g>',
    ].join('\n');
  });
  const height = Math.ceil(pictures.length / 2) * HEIGHT;
  const width = Math.min(pictures.length, 2) * WIDTH;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<title>Wrongly served against rightly served, by score and by cosine</title>
<rect width="100%" height="100%" fill="#fff"/>
${plots.join('\n')}
</svg>
`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}

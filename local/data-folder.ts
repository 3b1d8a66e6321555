import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** Another process holds the folder. */
export class FolderInUse extends Error {}

/**
 * Takes a folder for the embedded DynamoDB, making it if need be, and answers with the function that gives it back. Throws
 * {@link FolderInUse} when a running process has it, and says so when what lies in it is no database: the database itself
 * would end the process.
 */
export async function takeFolder(folder: string): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'headgate.pid');
  writeLock(lock, folder);
  const release = () => rmSync(lock, { force: true });
  try {
    const level = new ClassicLevel(folder);
    await level.open();
    await level.close();
  } catch (cause) {
    release();
    throw new Error(`The data in ${folder} cannot be opened. Move the folder away, or set HEADGATE_DATA to another.`, {
      cause,
    });
  }
  return release;
}

function writeLock(lock: string, folder: string): void {
  try {
    const file = openSync(lock, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder !== process.pid && isRunning(holder)) {
      throw new FolderInUse(
        `Another gateway (process ${holder}) holds ${folder}. Set HEADGATE_DATA to another folder, or to memory.`,
      );
    }
    rmSync(lock, { force: true });
    writeLock(lock, folder);
  }
}

function isRunning(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

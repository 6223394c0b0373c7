/** Packages of Debian that the browser tests need, where this machine allows to install them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export function canInstall(): boolean {
  return existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
}

/** Throws when a package cannot be had. */
export function installPackages(names: readonly string[]): void {
  const run = (args: string[]) =>
    execFileSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  run(['update', '-qq']);
  run(['install', '-y', '-qq', '--no-install-recommends', ...names]);
}

// A root folder of Debian's unstable release beside the system, for programs that are newer than the system's.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

/**
 * Makes the folder with debootstrap, which has to be installed, and root rights.
 * @param run runs a command and says whether it succeeded
 */
export function makeDebianRoot(root, packages, run, components = 'main') {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  // Scripts of packages read /proc: it is mounted for them alone, where that is allowed.
  const inside =
    'mount -t proc proc "$0/proc" || true; exec chroot "$0" env DEBIAN_FRONTEND=noninteractive apt-get "$@"';
  return (
    run('debootstrap', '--variant=minbase', `--components=${components}`, 'sid', root, mirror()) &&
    run('unshare', '--mount', 'sh', '-c', inside, root, '-o', 'Acquire::Check-Valid-Until=false', ...install)
  );
}

/** The address that this machine takes the packages of its own release from. */
function mirror() {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const args = ['indextargets', '--format', '$(RELEASE) $(SITE)', 'Identifier: Packages'];
  const lines = spawnSync('apt-get', args, { encoding: 'utf8' }).stdout.split('\n');
  return lines.map((line) => line.split(' ')).find(([release]) => release === codename)?.[1] ?? '';
}

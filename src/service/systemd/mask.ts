import type { SystemdDefinition } from './definition.ts';

/** How the unit is kept from starting while a switch is under way; gone after a reboot in both forms. */
export type MaskWay =
  | { readonly way: 'mask' }
  | { readonly way: 'drop-in'; readonly path: string; readonly text: string };

/** Where systemd looks for units at run time: `/run/systemd/system`, `$XDG_RUNTIME_DIR/systemd/user`. */
export type RuntimeFolder = string;

/**
 * `systemctl mask --runtime` links the unit to /dev/null below /run, which only hides unit files of
 * lower precedence: those that a package shipped. A unit file in /etc/systemd/system or in
 * ~/.config/systemd/user wins over it, and the mask, although it reports success, holds nothing back
 * (systemd issue 10583). There a drop-in does: drop-ins apply wherever the unit file lies, and a
 * failed assertion refuses every start, by hand, by dependency, by timer or by `Restart=`.
 */
export function maskWay(
  definition: SystemdDefinition,
  unitFile: string,
  runtimeFolder: RuntimeFolder,
): MaskWay {
  if (vendorFolders.some((folder) => unitFile.startsWith(folder))) return { way: 'mask' };
  return { way: 'drop-in', path: dropInPath(definition, runtimeFolder), text: dropInText };
}

/** The drop-in of both ways, so that unmasking needs no memory of how the unit was masked. */
export function dropInPath(definition: SystemdDefinition, runtimeFolder: RuntimeFolder): string {
  return `${runtimeFolder}/${definition.unit}.d/zz-backstep-switch.conf`;
}

// `/` always exists, so its negation never holds.
const dropInText = `# A switch of release is under way; \`backstep status\` says which.
[Unit]
AssertPathExists=!/
`;

const vendorFolders = ['/usr/lib/systemd/', '/usr/local/lib/systemd/', '/lib/systemd/'];

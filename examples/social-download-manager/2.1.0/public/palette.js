/** What WCAG 2.2 asks of text (AA), and of the edges of controls. */
export const legible = 4.5;
const visibleEdge = 3;

/** The colours of messages, before they are fitted to a theme. */
const signals = {
  light: { danger: '#a8281f', warning: '#7a4b00', info: '#1f4f86' },
  dark: { danger: '#ff9d94', warning: '#f0c274', info: '#9cc4f2' },
};

/**
 * All colours of the page, made from the four of a theme (each `#rrggbb`): its scheme, light or dark,
 * and the CSS variables by name. Whatever is derived is legible wherever the theme's own text is.
 */
export function paletteOf({ background, text, accent, panel }) {
  const scheme = contrastOf(panel, '#ffffff') > contrastOf(panel, '#000000') ? 'dark' : 'light';
  const raised = mix(panel, text, 0.04);
  const accentSoft = mix(panel, accent, 0.12);
  const grounds = [background, panel, raised];
  const variables = {
    '--ground': background,
    '--panel': panel,
    '--raised': raised,
    '--line': mix(panel, text, 0.15),
    '--control-line': towards(mix(panel, text, 0.4), text, {
      on: [panel, raised],
      least: visibleEdge,
    }),
    '--text': text,
    '--muted': towards(mix(panel, text, 0.66), text, { on: grounds, least: legible }),
    '--accent': accent,
    '--accent-strong': towards(mix(accent, text, 0.2), text, {
      on: [panel, accentSoft],
      least: legible,
    }),
    '--accent-soft': accentSoft,
    '--on-accent': contrastOf(accent, '#ffffff') >= legible ? '#ffffff' : blackOrWhite(accent),
  };
  for (const [name, base] of Object.entries(signals[scheme])) {
    const soft = mix(panel, base, 0.14);
    variables[`--${name}-soft`] = soft;
    variables[`--${name}`] = towards(base, text, { on: [panel, raised, soft], least: legible });
  }
  return { scheme, variables };
}

/** Where a theme's own colours are hard to read: each pair of `text` on `ground` below AA, with its `contrast`. */
export function hardToRead(colors) {
  return ['text', 'accent']
    .flatMap((text) => ['background', 'panel'].map((ground) => ({ text, ground })))
    .map(({ text, ground }) => ({
      text,
      ground,
      contrast: contrastOf(colors[text], colors[ground]),
    }))
    .filter(({ contrast }) => contrast < legible);
}

/** From 1, the same, to 21, black on white (WCAG 2.2). */
export function contrastOf(one, other) {
  const [lighter, darker] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminanceOf(color) {
  const [red, green, blue] = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function blackOrWhite(ground) {
  return contrastOf(ground, '#ffffff') > contrastOf(ground, '#000000') ? '#ffffff' : '#000000';
}

/** The first colour on the way from `from` to `to` that stands out enough from all the grounds; else `to`. */
function towards(from, to, { on, least }) {
  for (let share = 0; share < 1; share += 0.05) {
    const color = mix(from, to, share);
    if (on.every((ground) => contrastOf(color, ground) >= least)) return color;
  }
  return to;
}

/** `share` of `to`, and the rest of `from`. */
function mix(from, to, share) {
  const target = channelsOf(to);
  const mixed = channelsOf(from).map((channel, at) =>
    Math.round(channel + (target[at] - channel) * share),
  );
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function channelsOf(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

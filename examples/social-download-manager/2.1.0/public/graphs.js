import { draw } from './elements.js';

const [width, height, edge] = [120, 32, 2];

/** A line through the values from left to right, above zero; `label` says it to who cannot see it. */
export function sparkline(values, label) {
  const most = Math.max(...values, Number.MIN_VALUE);
  const points = values.map((value, at) => {
    const x = values.length === 1 ? width : (at / (values.length - 1)) * width;
    const y = height - edge - (Math.max(value, 0) / most) * (height - 2 * edge);
    return [x, y].map((place) => place.toFixed(1)).join(',');
  });
  // One value alone is a level line.
  if (points.length === 1) points.unshift(points[0].replace(/^[^,]+/, '0'));
  return draw(
    'svg',
    {
      class: 'sparkline',
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    },
    draw('polygon', { points: `0,${height} ${points.join(' ')} ${width},${height}` }),
    draw('polyline', { points: points.join(' ') }),
  );
}

/** One bar, divided by how many there are in each status. The figures stand below it in words. */
export function shareBar(totals) {
  const whole = totals.reduce((sum, { count }) => sum + count, 0);
  let x = 0;
  const parts = totals
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => {
      const part = draw('rect', {
        x: `${x}`,
        y: '0',
        width: `${(count / whole) * 100}`,
        height: '4',
        'data-status': status,
      });
      x += (count / whole) * 100;
      return part;
    });
  return draw(
    'svg',
    {
      class: 'share-bar',
      viewBox: '0 0 100 4',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    ...parts,
  );
}

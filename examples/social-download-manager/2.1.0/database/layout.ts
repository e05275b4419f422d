import { flag, listOf, record, text, type Parsed } from '../shape.ts';

export const componentId = text({ min: 1, max: 50 });

/** Components in the order of the page, and whether each is shown; the column `v2_component_layout`. */
export const layout = listOf(record({ id: componentId, visible: flag }), { min: 0, max: 50 });
export type Layout = Parsed<typeof layout>;

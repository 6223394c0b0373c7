export function LegendBox() {
  return null;
}

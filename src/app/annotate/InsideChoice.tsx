import { classOf } from '../../annotation/annotation.ts';
import { isArea } from '../../annotation/geometry.ts';
import { gateOf } from '../../overlay/style.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { insideClass } from './counting.ts';
import { titleOf } from './titles.ts';

/** A filter of cells: only those inside of a class of annotations, or of the selected one. */
export function InsideChoice() {
  const commands = useCommands();
  const inside = useApp((s) => gateOf(s.style).inside);
  const selected = useApp((s) => s.annotate.selected);
  // The list is read anew with each version.
  useApp((s) => s.annotate.version);
  const annotator = commands?.annotating.annotator;
  const areas = annotator?.list.filter(({ geometry }) => isArea(geometry)) ?? [];
  if (!annotator || areas.length === 0) return null;
  const names = [...new Set(areas.map(classOf))];
  const single = [selected, inside].map((id) => annotator.get(id ?? null));
  const shapes = [...new Set(single)].filter((each) => each && isArea(each.geometry));
  return (
    <label className="gate inside-choice">
      <b>Inside of</b>
      <select
        value={inside ?? ''}
        onChange={(event) => commands?.gates.set({ inside: event.target.value || undefined })}
      >
        <option value="">The whole slide</option>
        {names.map((name) => (
          <option key={name} value={insideClass(name)}>
            Annotations: {name}
          </option>
        ))}
        {shapes.map(
          (each) =>
            each && (
              <option key={each.id} value={each.id}>
                {titleOf(each)}
              </option>
            ),
        )}
      </select>
    </label>
  );
}

import { useState } from 'react';
import type { Family } from '../../audit/audit.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { AskButton } from './AskButton.tsx';
import { AxisBadges } from './AxisBadges.tsx';
import { Dial } from './Dial.tsx';
import { NoAnswerNote, useWithheld } from './NoAnswer.tsx';
import { PixelPicture } from './PixelPicture.tsx';
import { FAMILY_NAMES, Strips } from './Strips.tsx';
import type { Stressed } from './state.ts';
import { useStress } from './use-stress.ts';

/** One field under every change that should not matter. */
export function Stress() {
  const commands = useCommands();
  const selected = useApp((s) => s.selection !== null);
  const stress = useStress();
  return (
    <section aria-label="Stress">
      <h2>Stress this field</h2>
      <p className="small quiet under">
        The field {selected ? 'of the selected cell' : 'in the middle of the view'} turned,
        mirrored, stained, blurred, compressed, lit, scaled and shifted: what does the score depend
        on?
      </p>
      <NoAnswerNote then="What is shown here says what moves a score, not what to believe." />
      <AskButton
        task="stress"
        title="Stress this field"
        onPress={() => void commands?.trusting.showStress()}
      />
      {stress && <Found stress={stress} />}
    </section>
  );
}

function Found({ stress }: { stress: Stressed }) {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const withheld = useWithheld() !== null;
  const [wanted, setWanted] = useState<Family | null>(null);
  const { original, families, cells, ms } = stress;
  const shown = families.find(({ family }) => family === wanted) ?? mostMoved(stress);
  const asIs = commands?.trusting.pictureOf(null);
  const worst = commands?.trusting.pictureOf(shown.family);
  const names: [string, string | null] = [
    kit?.target.variant ?? 'head',
    kit?.partnerTarget?.variant ?? null,
  ];
  const captionOf = (name: string, probability: number) =>
    withheld ? name : `${name}: ${probability.toFixed(2)}`;
  const looks = families.reduce((sum, family) => sum + family.looks.length, 1);
  return (
    <>
      <AxisBadges stress={stress} />
      <Dial stress={stress} names={names} />
      <Strips stress={stress} chosen={shown.family} onChoose={setWanted} />
      <p className="faint small under">
        Dots: {names[0]} head (in use){names[1] && `; squares: ${names[1]} head`}; upright line: the
        field as it is. Rank: the median correlation of the attention on {cells} cells with that in
        the field as it is. {looks} looks in {(ms / 1000).toFixed(1)} s.
      </p>
      <div className="picture-pair">
        {asIs && (
          <PixelPicture image={asIs} caption={captionOf('As it is', original.probability)} />
        )}
        {worst && (
          <PixelPicture
            image={worst}
            caption={captionOf(
              `${FAMILY_NAMES[shown.family]}, ${shown.worst.label}`,
              shown.worst.probability,
            )}
          />
        )}
      </div>
      <p className="faint small under">
        Right: the look of that change that moved the score most. Choose a change above to see its
        own. This is what the encoder reads: {asIs?.width} px across {kit?.fieldUm.toFixed(0)} µm.
      </p>
    </>
  );
}

/** The family with the look furthest from the field as it is. */
function mostMoved({ original, families }: Stressed) {
  const moved = ({ worst }: Stressed['families'][number]) =>
    Math.abs(worst.probability - original.probability);
  return families.reduce((most, one) => (moved(one) > moved(most) ? one : most));
}

import { useState } from 'react';
import type { Rings, SimilarRegion, SimilarRegions } from '../../audit/similar-regions.ts';
import type { Rect } from '../../core/geometry.ts';
import { bestMatches, type Match, outlineIn } from './matches.ts';
import { SlideCrop } from './SlideCrop.tsx';

/** CSS px: side of each picture, and the room for lines between them. */
const SIDE = 164;
const GAP = 32;
const LINES = 8;

interface MatchPictureProps {
  found: SimilarRegions;
  /** The region and its slide. */
  rings: Rings;
  slideId: string;
  answer: SimilarRegion;
}

/** The region and an answer, with lines between the parts that match best. */
export function MatchPicture({ found, rings, slideId, answer }: MatchPictureProps) {
  const [over, setOver] = useState<number | null>(null);
  const { query, grid } = found;
  const left = squareAround(query.rect);
  const matches = over === null ? bestMatches(answer, grid.cols, LINES) : [matchOf(answer, over)];
  const scale = SIDE / left.w;
  const token = query.tokenSide * scale;
  const step = SIDE / grid.cols;
  const from = (i: number) => ({
    x: (query.middles[2 * i] - left.x) * scale,
    y: (query.middles[2 * i + 1] - left.y) * scale,
  });
  const to = (i: number) => ({
    x: SIDE + GAP + ((i % grid.cols) + 0.5) * step,
    y: (Math.floor(i / grid.cols) + 0.5) * step,
  });
  return (
    <figure className="match" data-testid="match">
      <div className="match-pictures">
        <SlideCrop slideId={slideId} rect={left} size={SIDE} label="The region" />
        <SlideCrop slideId={answer.slideId} rect={answer.rect} size={SIDE} label="The answer" />
        <svg viewBox={`0 0 ${2 * SIDE + GAP} ${SIDE}`} aria-hidden="true">
          <Outline d={outlineIn(rings, left, SIDE)} />
          {matches.map((match) => (
            <Line
              key={match.query}
              from={from(match.query)}
              to={to(match.token)}
              sizes={[token, step]}
            />
          ))}
          {Array.from(answer.token, (_, i) => {
            const { x, y } = from(i);
            return (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its number
                key={i}
                className="match-token"
                x={x - token / 2}
                y={y - token / 2}
                width={token}
                height={token}
                onPointerEnter={() => setOver(i)}
                onPointerLeave={() => setOver(null)}
              />
            );
          })}
        </svg>
      </div>
      <figcaption className="small quiet">
        {over === null
          ? `The region (left), the answer, and their ${matches.length} best matching parts. Point at the region for others.`
          : `This part matches with cosine ${matches[0].similarity.toFixed(3)}.`}
      </figcaption>
    </figure>
  );
}

/** The region itself: the picture around it is a square and shows more. */
function Outline({ d }: { d: string }) {
  return (
    <g className="match-region" data-testid="region-outline">
      <path className="under" d={d} />
      <path d={d} />
    </g>
  );
}

interface LineProps {
  from: { x: number; y: number };
  to: { x: number; y: number };
  /** Sides of the two tokens. */
  sizes: [number, number];
}

function Line({ from, to, sizes }: LineProps) {
  const square = ({ x, y }: { x: number; y: number }, side: number) => (
    <rect x={x - side / 2} y={y - side / 2} width={side} height={side} />
  );
  return (
    <g className="match-line">
      <line className="under" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      {square(from, sizes[0])}
      {square(to, sizes[1])}
    </g>
  );
}

function matchOf({ token, similarity }: SimilarRegion, query: number): Match {
  return { query, token: token[query], similarity: similarity[query] };
}

/** The smallest square around a rectangle, about its middle. */
function squareAround({ x, y, w, h }: Rect): Rect {
  const side = Math.max(w, h);
  return { x: x + (w - side) / 2, y: y + (h - side) / 2, w: side, h: side };
}

/** Some buttons of which one is pressed. */
export function Choice<T extends string>(props: {
  label: string;
  options: readonly { id: T; title: string; disabled?: boolean }[];
  value: T;
  onChange: (id: T) => void;
}) {
  const { label, options, value, onChange } = props;
  return (
    <fieldset className="choice" aria-label={label}>
      {options.map(({ id, title, disabled }) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === value}
          disabled={disabled}
          onClick={() => onChange(id)}
        >
          {title}
        </button>
      ))}
    </fieldset>
  );
}

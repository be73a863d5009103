interface FilterProblemsProps {
  readonly problems: readonly { readonly text: string }[];
  /** Where the list is without filters. */
  readonly href: string;
  /** What it lists: `events`. */
  readonly nouns: string;
}

/** What is wrong with the filters of a list, in the place of the list. */
export function FilterProblems({ problems, href, nouns }: FilterProblemsProps) {
  return (
    <div class="alert alert-bad" role="alert">
      <div>
        {problems.map(({ text }) => (
          <p>{text}</p>
        ))}
        <p>
          <a href={href}>Show all {nouns}</a>
        </p>
      </div>
    </div>
  );
}

import type { OperationGroup } from './outline.ts';

/** The way to every part of the page. Where there is no room beside the content, only the groups are shown. */
export function Navigation({ title, groups }: { title: string; groups: readonly OperationGroup[] }) {
  return (
    <nav aria-label="Contents">
      <a class="brand" href="#main">
        {title} <span>API</span>
      </a>
      <ul>
        <li>
          <a href="#authentication">Authentication</a>
        </li>
        {groups.map(({ tag, anchor, operations }) => (
          <li>
            <a href={`#${anchor}`}>{tag}</a>
            <ul>
              {operations.map(({ method, path, operation, anchor: target }) => (
                <li>
                  <a href={`#${target}`}>
                    <span>{operation.summary ?? path}</span> <span class="method">{method.toUpperCase()}</span>
                  </a>
                </li>
              ))}
            </ul>
          </li>
        ))}
        <li>
          <a href="#errors">Errors</a>
        </li>
      </ul>
    </nav>
  );
}

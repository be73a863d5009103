/** Narrows a list down to names that contain a text. */
export function NameFilter({ label, name }: { label: string; name: string }) {
  return (
    <form method="get" class="filters name-filter" data-filter>
      <div class="field field-wide">
        <label for="filter-name">{label}</label>
        <input id="filter-name" name="name" type="search" value={name} autocomplete="off" />
      </div>
      <button type="submit" class="button filter-submit">
        Search
      </button>
    </form>
  );
}

"use strict";
// Sortable and filterable tables. Without this script the tables are complete and readable.
(() => {
  // Shorter tables are seen whole and need no filter.
  const fewRows = 6;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.hasAttribute("data-value") ? cell.dataset.value : cell.textContent.trim();
  };

  const compare = (a, b) => {
    // Cells without a value come last whichever way the column is sorted.
    if (a === "" || b === "") return { empty: true, order: (a === "") - (b === "") };
    const x = Number(a);
    const y = Number(b);
    const order = Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y;
    return { empty: false, order };
  };

  const sort = (table, column, header) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({ row, value: key(row, column) }));
    rows.sort((a, b) => {
      const { empty, order } = compare(a.value, b.value);
      return empty || !descending ? order : -order;
    });
    body.append(...rows.map(({ row }) => row));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      header.replaceChildren(button);
      button.addEventListener("click", () => sort(table, column, header));
    });
  }

  for (const filter of document.querySelectorAll("[data-filter-for]")) {
    const table = document.getElementById(filter.dataset.filterFor);
    const words = filter.querySelector("input");
    const verdict = filter.querySelector("select");
    const output = filter.querySelector("output");
    const rows = Array.from(table.tBodies[0].rows, (row) => ({
      row,
      text: row.textContent.toLowerCase(),
    }));
    const apply = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = verdict ? verdict.value : "";
      let shown = 0;
      for (const { row, text } of rows) {
        const fits =
          wanted.every((word) => text.includes(word)) && (!chosen || row.dataset.verdict === chosen);
        row.hidden = !fits;
        shown += fits;
      }
      output.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
    };
    words.addEventListener("input", apply);
    if (verdict) verdict.addEventListener("change", apply);
    filter.hidden = table.tBodies[0].rows.length < fewRows;
    apply();
  }

  // Cards of laws: every word that is typed must begin some word of the card, or stand inside one.
  const search = document.getElementById("law-search");
  if (search) {
    const cards = Array.from(document.querySelectorAll(".law"));
    const input = search.querySelector("input");
    const topics = Array.from(document.querySelectorAll(".topic"));
    // The topics are a list to choose from; only where there is room does the first stand open.
    const roomy = !matchMedia("(max-width: 40rem)").matches;
    const fold = () => topics.forEach((topic, place) => { topic.open = roomy && place === 0; });
    let searching = false;
    const apply = () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const card of cards) {
        card.hidden = !wanted.every((word) => card.dataset.words.includes(word));
        shown += !card.hidden;
      }
      for (const topic of topics) {
        topic.hidden = topic.querySelector(".law:not([hidden])") === null;
        if (wanted.length) topic.open = true;
      }
      if (searching && !wanted.length) fold();
      searching = wanted.length > 0;
      document.getElementById("no-law").hidden = shown > 0;
      search.querySelector("output").textContent = `${shown} of ${cards.length} laws`;
    };
    input.addEventListener("input", apply);
    search.hidden = false;
    apply();
    fold();
  }

  // A region is a stop of the keyboard while it has more than it shows, and no longer; it fades where it goes on.
  const sliver = 8; // px that a fraction in a formula may be higher than its line
  const beyond = (region) => {
    region.classList.toggle("right", region.scrollLeft + region.clientWidth < region.scrollWidth - 1);
    region.classList.toggle("below", region.scrollTop + region.clientHeight < region.scrollHeight - sliver);
  };
  const regions = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + sliver;
      if (scrolls) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
      beyond(target);
    }
  });
  for (const region of document.querySelectorAll("main [tabindex='0']:is([role='region'], [role='group'])")) {
    regions.observe(region);
    region.addEventListener("scroll", () => beyond(region), { passive: true });
  }

  // What a link names is unfolded, with all that it is folded into.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let item = target.closest("details"); item; item = item.parentElement.closest("details")) item.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  // Other studies are listed in a file of their own, so that a new study changes no other page.
  const neighbours = document.querySelector(".neighbours");
  if (neighbours) {
    const link = ([study, name], text) => {
      const item = document.createElement("a");
      item.href = `${study}.html`;
      item.textContent = text ?? name;
      return item;
    };
    const list = document.createElement("script");
    list.src = neighbours.dataset.list;
    list.onload = () => {
      const { previous, next, related } = window.studies[neighbours.dataset.study] ?? { related: [] };
      if (previous) neighbours.append(link(previous, `← ${previous[1]}`));
      if (next) neighbours.append(link(next, `${next[1]} →`));
      neighbours.hidden = !previous && !next;
      const place = document.querySelector(".related");
      place.hidden = !related.length;
      for (const study of related) {
        const item = document.createElement("li");
        item.append(link(study));
        place.querySelector("ul").append(item);
      }
    };
    document.head.append(list);
  }

  // A printed page shows what is folded away on screen.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    for (const item of folded) item.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const item of folded) item.open = false;
  });
})();

// Shows fields only while they are asked for. Without it all are shown, and the gateway passes over what was not asked for.
"use strict";
for (const form of document.querySelectorAll("form")) {
  const parts = [...form.querySelectorAll("[data-visible-if]")];
  if (!parts.length) continue;
  const fit = () => {
    for (const part of parts) {
      const { param, values } = JSON.parse(part.dataset.visibleIf);
      const field = form.elements.namedItem(param);
      const value = field && field.type === "checkbox" ? String(field.checked) : field ? field.value : "";
      part.hidden = !values.includes(value);
    }
  };
  form.addEventListener("change", fit);
  fit();
}

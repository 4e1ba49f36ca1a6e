// A form that came back with errors: the list of them takes focus, so that it is heard, and seen on a small screen.
export function focusFirstError() {
  document.querySelector("[role=alert][tabindex='-1']")?.focus();
}

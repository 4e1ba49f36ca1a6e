// The buttons beside a number: data-by="1" or "-1". The field stays plain text; what is not a number is left to its writer.
export function startSteppers() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".step button[data-by]");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    const typed = input.value.trim();
    if (!/^\d*$/.test(typed)) return input.focus();
    input.value = Math.max(0, Number(typed) + Number(button.dataset.by));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

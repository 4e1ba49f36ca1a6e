// The form to learn on: Save keeps nothing, here or anywhere, and says so.
export function startPractice() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("practice" in form.dataset)) return;
    event.preventDefault();
    const told = document.querySelector("[data-done]");
    told.textContent = told.dataset.done;
    for (const each of document.querySelectorAll("form[data-practice]")) each.reset();
    scrollTo(0, 0);
  });
}

// What every page shares: a form is sent once, and a summary of errors is where the reader lands.
const busy = (form) => {
  if (form.dataset.sent) return false;
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("[type=submit], button:not([type])")) button.setAttribute("aria-busy", "true");
  return true;
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.dataset.again !== undefined) return;
  if (!busy(form)) event.preventDefault();
});

// Coming back by the browser's own button finds the page as it was left: let the form be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

document.querySelector("[data-focus]")?.focus();

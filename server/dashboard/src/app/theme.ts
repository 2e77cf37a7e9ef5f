/** Dark unless somebody has chosen light, here. */

const KEY = "roto.theme";

export function applyTheme(): void {
  document.documentElement.dataset.theme = localStorage.getItem(KEY) ?? "dark";
}

export function toggleTheme(): void {
  const light = document.documentElement.dataset.theme === "light";
  localStorage.setItem(KEY, light ? "dark" : "light");
  applyTheme();
}

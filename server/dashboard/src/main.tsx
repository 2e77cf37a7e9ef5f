import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { applyTheme } from "./app/theme";
import "./ui/theme.css";

applyTheme();

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);

import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router";
import { newQueryClient } from "../api/queries";
import { Guard } from "../session/Guard";
import { ToastShelf } from "../ui/Toasts";
import { Pages } from "./Pages";
import { Shell } from "./Shell";

export function App() {
  const [queries] = useState(newQueryClient);
  return (
    <QueryClientProvider client={queries}>
      {/* Fields whose text is in the address follow the keys at once: a transition would lose some. */}
      <BrowserRouter useTransitions={false}>
        <Guard>
          {(me) => (
            <Shell me={me}>
              <Pages />
            </Shell>
          )}
        </Guard>
        <ToastShelf />
      </BrowserRouter>
    </QueryClientProvider>
  );
}

import page from "../ui/Page.module.css";
import { ConfigSection } from "./ConfigSection";
import { FarmSection } from "./FarmSection";
import { HealthSection } from "./HealthSection";
import { HistorySection } from "./HistorySection";
import { MaintenanceSection } from "./MaintenanceSection";

/** How the server stands, and what an administrator may change while it runs. */
export default function SettingsPage() {
  return (
    <div className={page.page}>
      <h1>Settings and health</h1>
      <HealthSection />
      <FarmSection />
      <MaintenanceSection />
      <ConfigSection />
      <HistorySection />
    </div>
  );
}

/** Which address shows which page; each page is loaded when it is first gone to. */

import { type ComponentType, lazy, Suspense } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { EmptyState } from "../ui/EmptyState";
import { Waiting } from "../ui/Waiting";
import { PageBoundary } from "./PageBoundary";

const PAGES: Record<string, ComponentType> = {
  "/audit": lazy(() => import("../people/AuditPage")),
  "/farm": lazy(() => import("../farm/FarmPage")),
  "/jobs": lazy(() => import("../jobs/JobsPage")),
  "/jobs/:jobId": lazy(() => import("../job/JobPage")),
  "/people": lazy(() => import("../people/PeoplePage")),
  "/settings": lazy(() => import("../settings/SettingsPage")),
  "/review": lazy(() => import("../review/QueuePage")),
  "/shots/:shotId/prompt": lazy(() => import("../prompting/PromptPage")),
  "/shots/:shotId/review": lazy(() => import("../review/ReviewPage")),
  "/shots": lazy(() => import("../shots/ShotsPage")),
  "/shots/:shotId": lazy(() => import("../shots/ShotPage")),
  "/projects": lazy(() => import("../projects/ProjectsPage")),
  "/projects/trash": lazy(() => import("../projects/TrashPage")),
  "/projects/:projectId": lazy(() => import("../projects/ProjectPage")),
  "/statistics": lazy(() => import("../statistics/StatisticsPage")),
  "/upload": lazy(() => import("../upload/UploadPage")),
};

export function Pages() {
  const { pathname } = useLocation();
  return (
    <PageBoundary key={pathname}>
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/" element={<Navigate to="/jobs" replace />} />
          {Object.entries(PAGES).map(([path, Page]) => (
            <Route key={path} path={path} element={<Page />} />
          ))}
          <Route path="*" element={<Nowhere />} />
        </Routes>
      </Suspense>
    </PageBoundary>
  );
}

function Nowhere() {
  return (
    <EmptyState title="There is no such page">
      <p>It may have moved, or the address was cut off. The pages are in the bar on top.</p>
    </EmptyState>
  );
}

/** Which address shows which page; each page is loaded when it is first gone to. */

import { type ComponentType, lazy, type ReactNode, Suspense, useLayoutEffect } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { EmptyState } from "../ui/EmptyState";
import { titleOf } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import { PageBoundary } from "./PageBoundary";

/** Address, what the tab is called until the page knows better, page. */
const PAGES: Record<string, [string, ComponentType]> = {
  "/audit": ["Audit", lazy(() => import("../people/AuditPage"))],
  "/farm": ["Farm", lazy(() => import("../farm/FarmPage"))],
  "/jobs": ["Jobs", lazy(() => import("../jobs/JobsPage"))],
  "/jobs/:jobId": ["Job", lazy(() => import("../job/JobPage"))],
  "/people": ["People", lazy(() => import("../people/PeoplePage"))],
  "/people/roles": ["Roles", lazy(() => import("../people/RolesPage"))],
  "/people/farm-tokens": ["Farm tokens", lazy(() => import("../people/FarmTokensPage"))],
  "/people/:userId": ["Person", lazy(() => import("../people/PersonPage"))],
  "/profile": ["Your account", lazy(() => import("../people/ProfilePage"))],
  "/settings": ["Settings", lazy(() => import("../settings/SettingsPage"))],
  "/review": ["Review", lazy(() => import("../review/QueuePage"))],
  "/shots/:shotId/prompt": ["Prompt", lazy(() => import("../prompting/PromptPage"))],
  "/shots/:shotId/review": ["Review", lazy(() => import("../review/ReviewPage"))],
  "/shots": ["Shots", lazy(() => import("../shots/ShotsPage"))],
  "/shots/:shotId": ["Shot", lazy(() => import("../shots/ShotPage"))],
  "/projects": ["Projects", lazy(() => import("../projects/ProjectsPage"))],
  "/projects/trash": ["Trash", lazy(() => import("../projects/TrashPage"))],
  "/projects/:projectId": ["Project", lazy(() => import("../projects/ProjectPage"))],
  "/statistics": ["Statistics", lazy(() => import("../statistics/StatisticsPage"))],
  "/upload": ["Upload", lazy(() => import("../upload/UploadPage"))],
};

export function Pages() {
  const { pathname } = useLocation();
  return (
    <PageBoundary key={pathname}>
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/" element={<Navigate to="/jobs" replace />} />
          {Object.entries(PAGES).map(([path, [title, Page]]) => (
            <Route key={path} path={path} element={<Titled title={title} page={<Page />} />} />
          ))}
          <Route path="*" element={<Nowhere />} />
        </Routes>
      </Suspense>
    </PageBoundary>
  );
}

function Titled({ title, page }: { title: string; page: ReactNode }) {
  // Before the page's own effects, which know more.
  useLayoutEffect(() => {
    document.title = titleOf(title);
  }, [title]);
  return page;
}

function Nowhere() {
  return (
    <EmptyState title="There is no such page">
      <p>It may have moved, or the address was cut off. The pages are in the bar on top.</p>
    </EmptyState>
  );
}

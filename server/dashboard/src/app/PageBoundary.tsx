import { Component, type ReactNode } from "react";
import { ProblemBox } from "../ui/ProblemBox";

interface State {
  error: unknown;
}

/** A page that fails leaves the others usable. */
export class PageBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return <ProblemBox problem={this.state.error} again={() => this.setState({ error: null })} />;
  }
}

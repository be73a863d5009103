import type { Child } from 'hono/jsx';
import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';

interface ProjectFormProps {
  readonly visit: Visit;
  readonly draft: Draft;
  readonly submit: string;
  readonly cancel: string;
  /** Hidden fields. */
  readonly children?: Child;
}

/** What a project is called, and what it is for. */
export function ProjectForm({ visit, draft, submit, cancel, children }: ProjectFormProps) {
  return (
    <PageForm csrf={visit.csrf} draft={draft} submit={submit} cancel={cancel}>
      {children}
      <TextField name="name" label="Name" draft={draft} placeholder="Mobile app" maxlength={128} required />
      <TextArea name="description" label="Description" draft={draft} optional />
    </PageForm>
  );
}

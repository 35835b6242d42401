/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-central.h"
#include "store/store.h"
#include "sync/stick.h"

G_BEGIN_DECLS

typedef struct
{
  char *root;
  PlazaProfile *profile;
} StickPerson;

/** StickCase: a central, a folder that is a stick, and three laptops with an unlocked profile. */
typedef struct
{
  FakeCentral *central;
  char *stick;
  StickPerson ana;
  StickPerson beto;
  StickPerson carla;
} StickCase;

/** stick_case_person_init: a laptop of its own. stick_case_person_clear: locks and removes it. */
void stick_case_person_init (StickPerson *self, FakeCentral *central, const char *name);
void stick_case_person_clear (StickPerson *self);

void stick_case_set_up (StickCase *fixture, gconstpointer data);
void stick_case_tear_down (StickCase *fixture, gconstpointer data);

/** stick_case_on_done: keeps the result; @user_data: GAsyncResult ** */
void stick_case_on_done (GObject *source, GAsyncResult *result, gpointer user_data);
gboolean stick_case_save_on (PlazaStick *stick, const char *folder, GError **error);
gboolean stick_case_read_from (PlazaStick *stick, const char *folder, GError **error);
/** stick_case_saved, stick_case_taken: without any trouble. (transfer full) */
PlazaStick *stick_case_saved (const StickPerson *person, const char *folder);
PlazaStick *stick_case_taken (const StickPerson *person, const char *folder);
void stick_case_save (const StickPerson *person, const char *folder);
/** stick_case_assert_read: how many envelopes had each fate when @person read the stick. */
void stick_case_assert_read (
    const StickPerson *person, const char *folder, guint fresh, guint here, guint delivered);

/** stick_case_deliver: a round; how many carried envelopes went. */
guint stick_case_deliver (const StickPerson *person);
PlazaCounts stick_case_counts (const StickPerson *person);
/** stick_case_count_carried: what waits of others. */
guint stick_case_count_carried (const StickPerson *person);

/** stick_case_folder: of the campaign on the stick. (transfer full) */
char *stick_case_folder (const StickCase *fixture, const char *what);
/** stick_case_first: the path of the first file of @what on the stick. (transfer full) */
char *stick_case_first (const StickCase *fixture, const char *what, const char *suffix);
GBytes *stick_case_content (const char *path);
void stick_case_put (const char *path, GBytes *bytes);
/** stick_case_put_changed: with one bit of the byte @at turned. */
void stick_case_put_changed (const char *path, GBytes *bytes, gsize at);

/** stick_case_assert_reason: why the file whose path has @words in it was refused. */
void stick_case_assert_reason (PlazaStick *stick, const char *words, PlazaStickReason reason);

/** StickCaseTest: a test of a table that ends with a path of NULL. */
typedef struct
{
  const char *path;
  void (*run) (StickCase *, gconstpointer);
} StickCaseTest;

/** stick_case_run: the main function of a program of such tests. */
int stick_case_run (int argc, char **argv, const StickCaseTest *tests);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/stick-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "wire/campaign.h"
#include "wire/envelope.h"
#include "wire/invitation.h"
#include "wire/registration.h"

/* How often the thread's progress is told. */
#define TELL_MS 100

struct _PlazaStick
{
  GObject parent_instance;

  char *data_root;
  PlazaProfile *profile;
  PlazaPackFlags pack_flags;

  PlazaStickWork *work; /* that is on, or ended last; NULL before the first */
  gboolean saving;
  gboolean working;
  guint timer;
  GTask *task;
  GError *failure; /* of the thread, while its receipts are absorbed */
  guint delivered;

  char *message;
  double progress;
};

G_DEFINE_FINAL_TYPE (PlazaStick, plaza_stick, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_MESSAGE,
  PROP_PROGRESS,
  PROP_WORKING,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

/* What the work's thread uses */

static const struct
{
  const char *suffix;
  char stem[PLAZA_STICK_STEM_SIZE + 1]; /* how every version of it begins */
  gsize max;
} kinds[PLAZA_STICK_N_KINDS] = {
  [PLAZA_STICK_ENVELOPE] = { ".plz", "PLZENV", PLAZA_ENVELOPE_MAX_BYTES },
  [PLAZA_STICK_RECEIPT] = { ".rcp", "PLZRCP", PLAZA_RECEIPT_MAX_BYTES },
  [PLAZA_STICK_REGISTRATION] = { PLAZA_REGISTRATION_SUFFIX, "PLZREG", PLAZA_REGISTRATION_SIZE },
  [PLAZA_STICK_CAMPAIGN] = { ".plzcmp", "PLZCMP", PLAZA_CAMPAIGN_MAX_BYTES },
  [PLAZA_STICK_INVITATIONS] = { ".plzinv", "PLZINV", PLAZA_INVITATIONS_MAX_BYTES },
};

const char *
plaza_stick_kind_suffix (PlazaStickKind kind)
{
  return kinds[kind].suffix;
}

gsize
plaza_stick_kind_max (PlazaStickKind kind)
{
  return kinds[kind].max;
}

gboolean
plaza_stick_kind_of_name (const char *name, PlazaStickKind *out)
{
  gsize length = strlen (name);

  for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
    {
      gsize suffix = strlen (kinds[kind].suffix);

      if (length >= suffix && g_ascii_strcasecmp (name + length - suffix, kinds[kind].suffix) == 0)
        {
          *out = kind;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
plaza_stick_kind_of_content (const guint8 *head, PlazaStickKind *out)
{
  for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
    if (memcmp (head, kinds[kind].stem, PLAZA_STICK_STEM_SIZE) == 0)
      {
        *out = kind;
        return TRUE;
      }
  return FALSE;
}

void
plaza_stick_item_free (PlazaStickItem *self)
{
  g_free (self->path);
  g_free (self->id);
  g_free (self);
}

PlazaStickItem *
plaza_stick_work_add (PlazaStickWork *work, PlazaStickKind kind, char *path, char *id, gsize size)
{
  PlazaStickItem *item = g_new0 (PlazaStickItem, 1);

  item->kind = kind;
  item->path = path;
  item->id = id;
  item->size = size;
  g_ptr_array_add (work->items, item);
  return item;
}

gboolean
plaza_stick_work_goes_on (PlazaStickWork *work, GError **error)
{
  if (!g_cancellable_set_error_if_cancelled (work->cancellable, error))
    return TRUE;
  work->trouble.problem = PLAZA_STICK_CANCELLED;
  return FALSE;
}

static PlazaStickWork *
work_new (PlazaStick *self, GStrv folders, GCancellable *cancellable)
{
  PlazaStickWork *work = g_new0 (PlazaStickWork, 1);

  work->data_root = g_strdup (self->data_root);
  if (self->profile != NULL)
    work->own = g_strdup (plaza_profile_get_campaign_fingerprint (self->profile));
  work->folders = folders;
  work->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  work->items = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_stick_item_free);
  return work;
}

static void
work_free (PlazaStickWork *work)
{
  g_free (work->data_root);
  g_free (work->own);
  g_strfreev (work->folders);
  g_object_unref (work->cancellable);
  g_ptr_array_unref (work->items);
  g_free (work);
}

/* What people see */

static char *
describe_phase (PlazaStick *self)
{
  guint done = (guint) g_atomic_int_get (&self->work->done);
  guint total = (guint) g_atomic_int_get (&self->work->total);

  switch (g_atomic_int_get (&self->work->phase))
    {
    case PLAZA_STICK_PACKING:
      return g_strdup (_ ("Sealing what waits"));
    case PLAZA_STICK_WRITING:
      return g_strdup_printf (_ ("Saving and reading back: %u of %u"), done, total);
    case PLAZA_STICK_READING:
      return g_strdup_printf (_ ("Reading: %u of %u"), done, total);
    default:
      return g_strdup (_ ("Looking at what is there"));
    }
}

static void
update (PlazaStick *self)
{
  guint done = (guint) g_atomic_int_get (&self->work->done);
  guint total = (guint) g_atomic_int_get (&self->work->total);
  double progress = !self->working ? 1 : total > 0 ? MIN (1, done / (double) total) : 0;
  g_autofree char *message = self->working ? describe_phase (self) : plaza_stick_describe (self);

  if (progress < self->progress || progress > self->progress)
    {
      self->progress = progress;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
    }
  if (g_strcmp0 (message, self->message) == 0)
    return;
  g_free (self->message);
  self->message = g_steal_pointer (&message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE]);
}

static gboolean
on_tell (gpointer user_data)
{
  update (user_data);
  return G_SOURCE_CONTINUE;
}

/* The course of a piece of work: pack → thread → absorb. */

static void
begin (PlazaStick *self, gboolean saving, GStrv folders, GTask *task)
{
  g_clear_pointer (&self->work, work_free);
  self->work = work_new (self, folders, g_task_get_cancellable (task));
  self->saving = saving;
  self->working = TRUE;
  self->delivered = 0;
  self->task = task;
  g_task_set_check_cancellable (task, FALSE);
  self->timer = g_timeout_add (TELL_MS, on_tell, self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKING]);
  update (self);
}

static void
end (PlazaStick *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_clear_handle_id (&self->timer, g_source_remove);
  self->working = FALSE;
  if (error != NULL && self->work->trouble.problem == PLAZA_STICK_NO_PROBLEM)
    self->work->trouble.problem = PLAZA_STICK_LAPTOP;
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKING]);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_absorbed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaStick) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!plaza_outbox_absorb_finish (PLAZA_STORE (source), result, &self->delivered, &error) &&
      self->failure == NULL)
    self->failure = g_steal_pointer (&error);
  end (self, g_steal_pointer (&self->failure));
}

static gboolean
is_unlocked (PlazaStick *self)
{
  return self->profile != NULL && plaza_profile_is_unlocked (self->profile);
}

static gboolean
has_package (PlazaStick *self)
{
  for (guint i = 0; i < self->work->items->len; i++)
    {
      const PlazaStickItem *item = g_ptr_array_index (self->work->items, i);

      if (item->kind == PLAZA_STICK_CAMPAIGN && item->fate == PLAZA_STICK_NEW)
        return TRUE;
    }
  return FALSE;
}

static void
on_worked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaStick *self = PLAZA_STICK (source);
  GError *error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (self->saving || !is_unlocked (self))
    {
      end (self, error);
      return;
    }
  /* Also what was read before the stick was pulled out counts. */
  self->failure = error;
  if (has_package (self))
    plaza_profile_refresh_campaign (self->profile, self->failure == NULL ? &self->failure : NULL);
  plaza_outbox_absorb_async (plaza_profile_get_store (self->profile), NULL, on_absorbed,
                             g_object_ref (self));
}

static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PlazaStick *self = source;
  PlazaStickWork *work = data;
  GError *error = NULL;
  gboolean ok =
      plaza_carried_expire (work->data_root, plaza_clock_now_ms (), &error) &&
      (self->saving ? plaza_stick_save_work (work, &error) : plaza_stick_read_work (work, &error));

  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
run (PlazaStick *self)
{
  g_autoptr (GTask) thread = g_task_new (self, NULL, on_worked, NULL);

  g_task_set_task_data (thread, self->work, NULL);
  g_task_run_in_thread (thread, work_in_thread);
}

static void
on_packed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaStick) self = user_data;
  PlazaPacked packed;
  GError *error = NULL;

  if (plaza_outbox_pack_finish (PLAZA_STORE (source), result, &packed, &error))
    run (self);
  else
    end (self, error);
}

/* What others call */

void
plaza_stick_save_async (PlazaStick *self,
                        const char *folder,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  const PlazaPackLimits all = { 0 };
  const char *folders[] = { folder, NULL };

  g_return_if_fail (PLAZA_IS_STICK (self));
  g_return_if_fail (!self->working);

  begin (self, TRUE, g_strdupv ((GStrv) folders),
         g_task_new (self, cancellable, callback, user_data));
  if (!is_unlocked (self) || plaza_profile_get_enrolment (self->profile) == NULL)
    {
      run (self);
      return;
    }
  g_atomic_int_set (&self->work->phase, PLAZA_STICK_PACKING);
  update (self);
  plaza_outbox_pack_async (plaza_profile_get_store (self->profile), self->pack_flags, &all, NULL,
                           on_packed, g_object_ref (self));
}

gboolean
plaza_stick_save_finish (PlazaStick *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
plaza_stick_read_async (PlazaStick *self,
                        const char *const *folders,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (PLAZA_IS_STICK (self));
  g_return_if_fail (!self->working);
  g_return_if_fail (folders[0] != NULL);

  begin (self, FALSE, g_strdupv ((GStrv) folders),
         g_task_new (self, cancellable, callback, user_data));
  run (self);
}

gboolean
plaza_stick_read_finish (PlazaStick *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
plaza_stick_set_hand_in (PlazaStick *self, gboolean hand_in)
{
  g_return_if_fail (PLAZA_IS_STICK (self));
  self->pack_flags = hand_in ? PLAZA_PACK_HAND_IN : PLAZA_PACK_NONE;
}

const char *
plaza_stick_get_message (PlazaStick *self)
{
  return self->message;
}

double
plaza_stick_get_progress (PlazaStick *self)
{
  return self->progress;
}

gboolean
plaza_stick_is_working (PlazaStick *self)
{
  return self->working;
}

gboolean
plaza_stick_is_saving (PlazaStick *self)
{
  return self->saving;
}

GPtrArray *
plaza_stick_get_items (PlazaStick *self)
{
  g_return_val_if_fail (!self->working && self->work != NULL, NULL);
  return self->work->items;
}

guint
plaza_stick_count (PlazaStick *self, PlazaStickKind kind, PlazaStickFate fate)
{
  GPtrArray *items = plaza_stick_get_items (self);
  guint count = 0;

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = g_ptr_array_index (items, i);

      if (item->kind == kind && item->fate == fate)
        count++;
    }
  return count;
}

PlazaStickProblem
plaza_stick_get_problem (PlazaStick *self)
{
  return self->working || self->work == NULL ? PLAZA_STICK_NO_PROBLEM : self->work->trouble.problem;
}

guint64
plaza_stick_get_missing (PlazaStick *self)
{
  return self->working || self->work == NULL ? 0 : self->work->missing;
}

gboolean
plaza_stick_get_left_out (PlazaStick *self)
{
  return !self->working && self->work != NULL && self->work->left_out;
}

guint
plaza_stick_get_delivered (PlazaStick *self)
{
  return self->delivered;
}

PlazaStick *
plaza_stick_new (const char *data_root, PlazaProfile *profile)
{
  PlazaStick *self = g_object_new (PLAZA_TYPE_STICK, NULL);

  self->data_root = g_strdup (data_root);
  if (profile != NULL)
    self->profile = g_object_ref (profile);
  return self;
}

static void
plaza_stick_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaStick *self = PLAZA_STICK (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_static_string (value,
                                 self->saving ? _ ("Saving to USB") : _ ("Reading from USB"));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_WORKING:
      g_value_set_boolean (value, self->working);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_stick_finalize (GObject *object)
{
  PlazaStick *self = PLAZA_STICK (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->work, work_free);
  g_clear_object (&self->profile);
  g_free (self->data_root);
  g_free (self->message);
  G_OBJECT_CLASS (plaza_stick_parent_class)->finalize (object);
}

static void
plaza_stick_class_init (PlazaStickClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = plaza_stick_get_property;
  object_class->finalize = plaza_stick_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_WORKING] = g_param_spec_boolean ("working", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_stick_init (PlazaStick *self)
{
  self->message = g_strdup ("");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/store-worker-private.h"

#include "base/error.h"

const PlazaEnrolment *
plaza_store_get_enrolment (PlazaStore *self)
{
  return self->enrolled ? &self->enrolment : NULL;
}

const PlazaEnrolment *
plaza_store_require_enrolment (PlazaStore *self, GError **error)
{
  if (self->enrolled)
    return &self->enrolment;
  if (self->closed)
    {
      plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
      return NULL;
    }
  plaza_throw (error, PLAZA_ERROR_REFUSED, "the profile has not joined the campaign yet");
  return NULL;
}

/* What joining leaves; registration NULL: as it is. */
typedef struct
{
  GBytes *enrolment;
  GBytes *registration;
} Joining;

static gboolean
write_enrolment_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  const Joining *joining = data;

  return plaza_store_write_value (self, db, "enrolment", joining->enrolment, error) &&
         (joining->registration == NULL ||
          plaza_store_write_value (self, db, "registration", joining->registration, error));
}

gboolean
plaza_store_set_invited (PlazaStore *self,
                         const PlazaEnrolment *enrolment,
                         GBytes *registration,
                         GError **error)
{
  g_autoptr (GBytes) json = plaza_enrolment_to_json (enrolment);
  Joining joining = { json, registration };

  if (self->enrolled && strcmp (self->enrolment.device, enrolment->device) != 0)
    return plaza_throw (error, PLAZA_ERROR_EXISTS, "the profile is enrolled as another device");
  if (!plaza_store_call (self, PLAZA_STORE_WRITE, write_enrolment_job, &joining, error))
    return FALSE;
  plaza_enrolment_clear (&self->enrolment);
  self->enrolled = plaza_enrolment_parse (json, &self->enrolment, error);
  return self->enrolled;
}

gboolean
plaza_store_set_enrolment (PlazaStore *self, const PlazaEnrolment *enrolment, GError **error)
{
  return plaza_store_set_invited (self, enrolment, NULL, error);
}

static gboolean
read_registration_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  GBytes **out = data;
  g_autoptr (GError) local = NULL;

  *out = plaza_store_read_value (self, db, "registration", &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GBytes *
plaza_store_read_registration (PlazaStore *self, GError **error)
{
  GBytes *registration = NULL;

  if (!plaza_store_call (self, PLAZA_STORE_READ, read_registration_job, &registration, error))
    return NULL;
  if (registration == NULL)
    plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the store has no registration");
  return registration;
}

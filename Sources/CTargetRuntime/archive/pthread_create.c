// Notes the start routines of the target's threads. A member for itself: a sanitizer has a pthread_create of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

#include "fuzzd_target.h"

typedef int (*create_function)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

__attribute__((weak)) int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*start_routine)(void *), void *argument) {
    // Looked up once, in the machine parent: a child that starts a thread would touch the symbols of every library.
    static create_function create;
    if (create == NULL) {
        create = (create_function)dlsym(RTLD_NEXT, "pthread_create");
    }
    if (create == NULL) {
        return EAGAIN;
    }
    int result = create(thread, attributes, start_routine, argument);
    if (result == 0) {
        fuzzd_note_thread((uintptr_t)*thread, (const void *)start_routine);
    }
    return result;
}

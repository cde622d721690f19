// The visible list of tasks. Adding a task is one line in registry.cc.
#pragma once

#include <string>
#include <vector>

#include "tasks/task.h"

namespace divla {

// All tasks, in the order of the tables. The tasks live as long as the program and are shared by all threads.
const std::vector<const Task*>& AllTasks();
// Throws InputError with the known names.
const Task& FindTask(const std::string& name);

}  // namespace divla

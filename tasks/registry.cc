#include "tasks/registry.h"

#include "sim/check.h"
#include "tasks/bin_picking/bin_picking.h"
#include "tasks/cube_in_lidded_box/cube_in_lidded_box.h"
#include "tasks/cube_to_coloured_box/cube_to_coloured_box.h"
#include "tasks/cup_on_plate/cup_on_plate.h"
#include "tasks/factory_sorting/factory_sorting.h"
#include "tasks/flip_pot/flip_pot.h"
#include "tasks/hold_and_fill/hold_and_fill.h"
#include "tasks/object_selection/object_selection.h"
#include "tasks/peg_insertion/peg_insertion.h"
#include "tasks/table_bussing/table_bussing.h"
#include "tasks/transfer_cube/transfer_cube.h"
#include "tasks/tray_lift/tray_lift.h"

namespace divla {

const std::vector<const Task*>& AllTasks() {
  static const std::vector<const Task*> tasks{
      &ObjectSelection(),
      &CubeToColouredBox(),
      &TransferCube(),
      &CubeInLiddedBox(),
      &CupOnPlate(),
      &FlipPot(),
      &TrayLift(),
      &PegInsertion(),
      &HoldAndFill(),
      &BinPicking(),
      &FactorySorting(),
      &FactorySortingMixed(),
      &FactorySortingCluttered(),
      &FactorySortingClutteredMixed(),
      &TableBussing(),
      &TableBussingMixed(),
  };
  return tasks;
}

const Task& FindTask(const std::string& name) {
  std::string known;
  for (const Task* task : AllTasks()) {
    if (task->Spec().name == name) return *task;
    known += (known.empty() ? "" : ", ") + task->Spec().name;
  }
  throw InputError("unknown task '" + name + "'; known: " + known);
}

}  // namespace divla

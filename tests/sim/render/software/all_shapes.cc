#include "tests/sim/render/software/all_shapes.h"

namespace divla::software {

std::string AllShapesAssets() {
  return R"(<texture name="fade" type="2d" builtin="gradient" rgb1="1 .9 .1" rgb2=".1 .2 .8" width="64" height="48"/>
<texture name="check" type="2d" builtin="checker" rgb1=".9 .3 .2" rgb2=".2 .4 .9" width="100" height="60"/>
<texture name="cube" type="cube" builtin="checker" rgb1=".9 .9 .2" rgb2=".2 .6 .3" width="64" height="64" mark="edge" markrgb="0 0 0"/>
<texture name="sky" type="skybox" builtin="gradient" rgb1=".4 .6 .9" rgb2=".1 .1 .2" width="32" height="32" mark="random" random=".05" markrgb="1 1 1"/>
<texture name="srgb" type="2d" builtin="gradient" rgb1="1 1 1" rgb2="0 0 0" width="64" height="64" colorspace="sRGB"/>
<material name="fade" texture="fade"/><material name="check" texture="check" texrepeat="3 2"/>
<material name="even" texture="check" texuniform="true" texrepeat="4 4"/>
<material name="cube" texture="cube"/><material name="cube_even" texture="cube" texuniform="true"/>
<material name="srgb" texture="srgb"/><material name="glass" rgba=".2 .5 .9 .4"/>
<material name="shiny" rgba=".7 .2 .2 1" specular=".9" shininess=".8"/>
<material name="glow" rgba=".2 .8 .3 1" emission=".6"/>
<mesh name="bowl" builtin="supersphere" params="24 .7 .7" scale=".12 .12 .12"/>
<mesh name="ring" builtin="supertorus" params="32 .4 1 1" scale=".15 .15 .15"/>
<mesh name="wedge" vertex="0 0 0 .3 0 0 0 .2 0 0 0 .25" texcoord="0 0 1 0 0 1 1 1" face="0 2 1 0 1 3 0 3 2 1 2 3"/>)";
}

std::string AllShapesBodies() {
  return R"(
<light name="spot" pos=".6 -.8 1.6" dir="-.3 .45 -1" cutoff="40" exponent="6" diffuse=".6 .6 .55" castshadow="true"/>
<light name="sun" type="directional" pos="-1.5 -.6 3" dir=".5 .2 -1" diffuse=".3 .3 .35" specular=".3 .3 .3" castshadow="true"/>
<light name="fill" pos="-1 1 1" dir="1 -1 -1" diffuse=".2 .1 .1" castshadow="false" attenuation="1 .2 .1"/>
<geom type="plane" size="0 0 1" material="check"/>
<geom type="box" size=".12 .1 .08" pos="-.5 -.3 .1" euler="10 5 30" material="fade"/>
<geom type="sphere" size=".1" pos="-.2 -.35 .12" material="fade"/>
<geom type="capsule" size=".06 .1" pos=".05 -.35 .2" euler="20 0 0" material="fade"/>
<geom type="cylinder" size=".08 .1" pos=".3 -.35 .14" euler="20 10 0" material="fade"/>
<geom type="ellipsoid" size=".1 .06 .08" pos=".55 -.3 .1" material="fade"/>
<geom type="box" size=".12 .1 .08" pos="-.5 0 .1" euler="10 5 30" material="even"/>
<geom type="sphere" size=".1" pos="-.2 -.05 .12" material="cube"/>
<geom type="capsule" size=".06 .1" pos=".05 -.05 .2" euler="20 0 0" material="cube"/>
<geom type="cylinder" size=".08 .1" pos=".3 -.05 .14" euler="20 10 0" material="cube_even"/>
<geom type="ellipsoid" size=".1 .06 .08" pos=".55 0 .1" material="cube"/>
<geom type="box" size=".1 .1 .1" pos="-.5 .3 .12" material="srgb"/>
<geom type="mesh" mesh="bowl" pos="-.2 .3 .2" material="shiny"/>
<geom type="mesh" mesh="wedge" pos=".1 .3 .1" material="fade"/>
<geom type="sphere" size=".1" pos=".35 .3 .12" material="glass"/>
<geom type="box" size=".05 .1 .1" pos=".45 .2 .12" material="glass"/>
<geom type="cylinder" size=".05 .12" pos=".6 .35 .12" material="glow"/>
<geom type="mesh" mesh="ring" pos="0 .7 .3" euler="40 20 0" material="check"/>
<camera name="front" pos="0 -1.5 1.1" xyaxes="1 0 0 0 .6 .8" fovy="50"/>
<camera name="side" pos="1.1 .9 .7" xyaxes="-.63 .77 0 -.3 -.25 .9" fovy="60"/>
<camera name="low" pos="-.9 -.9 .25" xyaxes=".7 -.7 0 .1 .1 1" fovy="70"/>
<camera name="away" pos="4 -10 5.5" xyaxes=".93 .37 0 -.16 .41 .9" fovy="7"/>)";
}

}  // namespace divla::software

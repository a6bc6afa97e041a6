print("voxelith")

import CVoxelith
import Testing

import Volumetry

@_exported public import Compton
@_exported public import Correlation
@_exported public import Microstructure
@_exported public import Phantoms
@_exported public import Readers
@_exported public import Registration
@_exported public import Renderers
@_exported public import Volumetry

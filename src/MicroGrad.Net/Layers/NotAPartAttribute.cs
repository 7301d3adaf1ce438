namespace MicroGrad.Net;

/// <summary>
/// A field whose modules and parameters are no part of the module that has it: not trained, not saved, not switched
/// with it. For a teacher that is only asked, or a table that names parts which stand elsewhere:
/// <c>[NotAPart] readonly Module _teacher</c>, or <c>[field: NotAPart]</c> before a property.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class NotAPartAttribute : Attribute;

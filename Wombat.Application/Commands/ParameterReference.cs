namespace Wombat.Application.Commands;

/// <summary>A host or a resource that the value of a parameter names.</summary>
internal sealed record ParameterReference(Guid Id, string Name);

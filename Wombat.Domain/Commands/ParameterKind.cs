namespace Wombat.Domain.Commands;

/// <summary>The kind of resource that a parameter names.</summary>
public enum ParameterKind
{
    Container,
    Database,
}

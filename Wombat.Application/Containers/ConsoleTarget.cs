using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>A container in which the caller may open a console.</summary>
/// <param name="Plugin">Opens it.</param>
public sealed record ConsoleTarget(Guid ProjectId, Guid ContainerId, string Name, ResourceRef Resource, IOpensConsoles Plugin);

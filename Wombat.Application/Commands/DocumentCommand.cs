using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A command as a document has it.</summary>
/// <param name="Path">Its place in the document.</param>
/// <param name="Spec">Without the workspace and the hosts, which the document names.</param>
internal sealed record DocumentCommand(string Path, string Name, CommandSpec Spec, string? Workspace, IReadOnlyList<string> Hosts);

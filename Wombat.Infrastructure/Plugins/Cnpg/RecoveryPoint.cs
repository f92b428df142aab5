using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>What a restore reads, and until when.</summary>
/// <param name="ServerName">The name under which the backups are stored.</param>
/// <param name="Target">The field <c>recoveryTarget</c>; null for all that was archived.</param>
internal sealed record RecoveryPoint(string ServerName, JsonObject? Target);

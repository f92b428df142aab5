using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>What outlives a Cluster that is archived or replaced, beside the password of the database's own user.</summary>
/// <param name="Roles">Its managed roles.</param>
/// <param name="Expiries">When its users end, by name.</param>
/// <param name="Restore">Its last restore in place; null when there was none.</param>
internal sealed record KeptCluster(IReadOnlyList<JsonObject> Roles, JsonObject Expiries, InPlaceRestoreState? Restore);

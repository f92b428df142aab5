using Wombat.Domain.Access;

namespace Wombat.Application.Resources;

/// <summary>The permissions that the shared use cases of a resource kind require.</summary>
/// <param name="Read">List and get.</param>
/// <param name="Create">Create, plan, and retry of a failed create.</param>
/// <param name="Operate">The kind's operations.</param>
/// <param name="Delete">Delete.</param>
/// <param name="Forget">Give up a resource that cannot be deleted.</param>
public sealed record ResourcePermissions(Permission Read, Permission Create, Permission Operate, Permission Delete, Permission Forget);

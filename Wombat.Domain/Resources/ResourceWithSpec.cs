namespace Wombat.Domain.Resources;

/// <summary>A resource with the spec of its kind, which is stored as JSON with the resource.</summary>
/// <typeparam name="TSpec">An immutable record; a change replaces it.</typeparam>
public abstract class ResourceWithSpec<TSpec> : Resource
    where TSpec : class
{
    /// <summary>What was requested. A secret in it is removed as soon as the plugin has it, or the resource is deleted.</summary>
    public TSpec Spec { get; protected set; } = null!;
}

using Wombat.Application.Jobs;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Resources;

/// <summary>What the call of an operation gets.</summary>
/// <param name="Spec">The spec of the resource, of the type that its kind has.</param>
public sealed record OperationCall(ResourceRef Resource, object Spec, JobRun Run, IPluginLog Log);

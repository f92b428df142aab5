using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Checks a requested operation and prepares the resource for its job, when it is requested and when its job is retried.</summary>
internal sealed class OperationPreparation<TResource, TSpec>(
    IWombatDbContext db,
    ResourceHooks<TResource, TSpec> hooks,
    ResourceKinds kinds,
    ProjectBudgets budgets
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
{
    /// <summary>Asks the kind and its plugin, before anything is locked or changed.</summary>
    /// <returns>Whether the operation may take more of the project's budget.</returns>
    /// <exception cref="ConflictException">The state does not allow the operation.</exception>
    /// <exception cref="InvalidInputException">Something else prevents it.</exception>
    public async Task<bool> CheckAsync(TResource resource, ResourceOperation operation, object? arguments, CancellationToken cancel)
    {
        resource.EnsureOperable(operation.Name, operation.AllowedIn);
        var plan = await hooks.PlanOperationAsync(resource, operation.Name, arguments, cancel);
        plan.EnsurePossible();
        return plan.DemandAfter is not null;
    }

    /// <summary>Prepares the resource, in a transaction. The caller saves.</summary>
    /// <param name="changesDemand">What <see cref="CheckAsync"/> returned.</param>
    /// <returns>The arguments that the job gets.</returns>
    /// <exception cref="BudgetExceededException">A limit of the project does not allow it.</exception>
    public async Task<object?> PrepareAsync(
        TResource resource,
        ResourceOperation operation,
        object? arguments,
        bool changesDemand,
        CancellationToken cancel
    )
    {
        if (changesDemand)
        {
            await db.LockProjectAsync(resource.ProjectId, exclusive: true, cancel);
        }

        await db.LockResourceAsync(resource, cancel);
        resource.EnsureOperable(operation.Name, operation.AllowedIn);
        var kind = kinds.Of(resource);
        var before = kind.DemandOf(resource);
        var prepared = await hooks.PrepareOperationAsync(resource, operation.Name, arguments, cancel);
        return
            changesDemand
            && await budgets.ExceededAsync(resource, before, kind.DemandOf(resource), kind.SizeField, cancel) is [var exceeded, ..]
            ? throw exceeded.ToException()
            : prepared;
    }
}

using System.Collections.Concurrent;
using System.Linq.Expressions;

namespace Wombat.Application.Common;

/// <summary>
/// A compiled query per page size, with the size as a constant. For a limit that is a parameter, PostgreSQL's generic plan assumes a
/// tenth of the table, rejects that plan as too expensive, and plans every call again.
/// </summary>
/// <param name="query">The query. Its last parameter is the page size.</param>
/// <param name="compile">Compiles the body without that parameter.</param>
internal sealed class PageSizeQueryCache<TQuery, TExpression>(
    TExpression query,
    Func<Expression, IReadOnlyList<ParameterExpression>, TQuery> compile
)
    where TExpression : LambdaExpression
{
    // Bounded by the number of page sizes.
    private readonly ConcurrentDictionary<int, TQuery> compiled = new();

    public TQuery For(int size) => compiled.TryGetValue(size, out var known) ? known : compiled.GetOrAdd(size, Compile);

    private TQuery Compile(int size) =>
        compile(new Replacing(query.Parameters[^1], Expression.Constant(size)).Visit(query.Body), query.Parameters);

    private sealed class Replacing(ParameterExpression parameter, ConstantExpression value) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? value : node;
    }
}

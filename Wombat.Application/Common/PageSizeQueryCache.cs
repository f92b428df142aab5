using System.Collections.Concurrent;
using System.Linq.Expressions;

namespace Wombat.Application.Common;

/// <summary>
/// A compiled query for each page size, with the size written into it. PostgreSQL's general plan of a prepared statement
/// expects a tenth of the table from a limit that it does not know; that looks dear, and so every call would be planned anew.
/// </summary>
/// <param name="query">Its last parameter is the size.</param>
/// <param name="compile">Compiles the body without that parameter.</param>
internal sealed class PageSizeQueryCache<TQuery, TExpression>(
    TExpression query,
    Func<Expression, IReadOnlyList<ParameterExpression>, TQuery> compile
)
    where TExpression : LambdaExpression
{
    // As many as there are page sizes.
    private readonly ConcurrentDictionary<int, TQuery> compiled = new();

    public TQuery For(int size) => compiled.TryGetValue(size, out var known) ? known : compiled.GetOrAdd(size, Compile);

    private TQuery Compile(int size) =>
        compile(new Replacing(query.Parameters[^1], Expression.Constant(size)).Visit(query.Body), query.Parameters);

    private sealed class Replacing(ParameterExpression parameter, ConstantExpression value) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? value : node;
    }
}
